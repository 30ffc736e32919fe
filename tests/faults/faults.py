"""
Every fault of the sandbox, and what must come of it at each company (reliability.md (d), F21-F44).

A line names a fault as it is written in a prompt, what comes of it everywhere, and where it must
be otherwise: a company differs by whether an order may be sent again (Runware), found by our own
name for it (Runware, Cloudflare), recognised by a webhook of theirs (MiniMax, Pixazo), or none of
these (ToAPIs).
"""

from __future__ import annotations

from tests.faults.house import PROVIDERS
from tests.faults.outcomes import (
    FINE,
    GONE,
    HARD,
    RESENT,
    SOFT,
    UNUSABLE,
    Outcome,
    again,
    endless,
    failed,
    lost,
    refused,
)
from tests.faults.rows import Fault, at

LOST = lost()
LOST_IN_LOGS = lost(lookup=True)
#: Nothing accepted, nothing heard. Only Runware may be asked and sent to again.
SILENCE = {"runware": RESENT, "cloudflare": LOST_IN_LOGS}
#: Accepted, nothing heard: found by those who can be asked, or who call.
UNHEARD = {"toapis": lost(accepted=1)}

BEFORE = at(
    "submit, not taken",
    ("429", again()),
    ("429-retry-after=1", again()),
    ("429-retry-after=1*3", again(4)),
    ("cut-before-accept", LOST, SILENCE),
    ("error-before=408", LOST, SILENCE),
    ("error-before=500", LOST, SILENCE),
    ("error-before=502", LOST, SILENCE),
    ("error-before=503", again(), {"cloudflare": LOST_IN_LOGS, "minimax": LOST}),
    ("error-before=504", LOST, SILENCE),
    ("error-before=524", LOST, SILENCE),
    ("insufficient-credits", again()),
    ("invalid-key", again()),
    ("model-unavailable", again()),
    ("moderation-submit", refused()),
    ("provider-wallet-empty", again()),
    ("quota-403", again()),
    ("spend-limit=2045", again()),
    ("spend-limit=3036", again()),
    ("strict-schema", FINE),
    ("gateway-error, 429", again()),
    ("gateway-error, invalid-key", again()),
    ("gateway-error, insufficient-credits", again()),
    ("apim-errors, 429", again()),
    ("apim-errors, invalid-key", again()),
    ("string-code, 429", again()),
    ("string-code, invalid-key", again()),
    ("string-code, insufficient-credits", again()),
    ("string-code, moderation-submit", refused()),
    ("http-errors, insufficient-credits", again()),
    ("http-errors, invalid-key", again()),
    ("http-errors, model-unavailable", again()),
    ("http-errors, moderation-submit", refused()),
    ("error-without-uuid, 429", again()),
    ("error-without-uuid, moderation-submit", refused()),
    ("parameter-array, moderation-submit", refused()),
    ("item-error, moderation-submit", refused()),
    ("stream-error, moderation-submit", refused()),
)

#: MiniMax's codes beside HTTP 200 (providers.md 6.4).
CODES = at(
    "submit, not taken",
    *((f"submit-code={code}", LOST) for code in (1000, 1001, 1024, 1033)),
    *((f"submit-code={code}", again()) for code in (1002, 1041, 2045)),
    *((f"submit-code={code}", again()) for code in (1004, 1008, 1028, 1030, 2049, 2061)),
    *((f"submit-code={code}", refused()) for code in (1026, 1027)),
    *((f"submit-code={code}", refused("invalid_request")) for code in (1039, 1042, 2013)),
)

#: A clean 503 of these means "not taken" (reliability.md C3), so one after taking the order would
#: be a lie that nobody could see through.
LIE = {"pixazo": None, "runware": None, "toapis": None}

AFTER = at(
    "submit, taken",
    ("cut-after-accept", FINE, UNHEARD),
    ("empty-body", FINE, UNHEARD),
    ("html-body", FINE, UNHEARD),
    ("html-body=502", FINE, UNHEARD),
    ("error-after=408", FINE, UNHEARD),
    ("error-after=500", FINE, UNHEARD),
    ("error-after=502", FINE, UNHEARD),
    ("error-after=503", FINE, LIE),
    ("error-after=504", FINE, UNHEARD),
    ("error-after=524", FINE, UNHEARD),
    ("submit-latency=2", FINE),
    ("submit-latency=3, slow=0", FINE),
    ("accepted-200", FINE),
    ("direct-output=whole", FINE),
    ("direct-output=bare", FINE),
    ("submitted-word", FINE),
    ("cut-after-accept, fail", failed(), {"toapis": lost(accepted=1, billed=0)}),
    ("cut-after-accept, moderation-render", failed("content_policy"), {"toapis": None}),
    ("cut-after-accept, webhook-forged", FINE),
    ("cut-after-accept, webhook-late=2", FINE),
    ("cut-after-accept, webhook-twice=5", FINE),
    ("cut-after-accept, webhook-reordered", FINE),
    ("cut-after-accept, webhook-early", FINE),
    ("cut-after-accept, webhook-never", lost(accepted=1), {"runware": FINE}),
    ("cut-after-accept, poll-lag=2", FINE, {"toapis": None}),
    ("cut-after-accept, poll-cut", FINE, {"toapis": None}),
    ("cut-after-accept, poll-empty", FINE, {"toapis": None}),
    ("cut-after-accept, poll-error=401", FINE, {"toapis": None}),
    ("cut-after-accept, poll-error=429", FINE, {"toapis": None}),
    ("cut-after-accept, poll-error=500", FINE, {"toapis": None}),
    ("cut-after-accept, poll-error=502", FINE, {"toapis": None}),
    ("cut-after-accept, poll-html", FINE, {"toapis": None}),
    ("cut-after-accept, poll-latency=2", FINE, {"toapis": None}),
    ("cut-after-accept, log-lag=3", FINE),
    ("cut-after-accept, log-never", lost(accepted=1, lookup=True)),
    ("cut-after-accept, metadata-object", FINE),
    ("cut-after-accept, missing-status", FINE),
    ("cut-after-accept, cost-zero", FINE),
    ("cut-after-accept, video-depth=3", FINE),
)

RENDER = at(
    "render",
    ("fail", failed(), {"cloudflare": None}),  # there it means another route: test_failover.py
    ("fail=1033", failed(), {name: None for name in PROVIDERS if name != "cloudflare"}),
    ("fail=1033, bare", failed()),
    ("fail, fail-billed", failed(billed=1), {"cloudflare": None}),
    ("fail=1033, status-fail", failed()),
    ("fail=1033, status-fail, fail-billed", failed(billed=1)),
    ("fail-one", failed()),
    ("fail, item-error", failed()),
    ("fail, stream-error", failed()),
    ("fail, error-without-uuid", failed()),
    ("fail, fail-reason", failed()),
    ("fail, string-code", failed()),
    ("fail, failed-word", failed()),
    ("moderation-render", failed("content_policy")),
    ("moderation-render, string-code", failed("content_policy")),
    ("moderation-render, fail-reason", failed("content_policy")),
    ("moderation-render=1027", failed("content_policy"), {"runware": None, "toapis": None}),
    ("system-error", failed()),
    ("system-error, fail-billed", failed()),
    ("gateway-cache", FINE),
    ("gateway-retry=3", FINE),
    ("slow=3", FINE),
    ("slow=0", FINE),
    ("never", endless(), {"cloudflare": None}),  # held open: test_stories.py
)

LOOK = at(
    "look",
    ("bare", FINE),
    ("video-depth=1", FINE),
    ("video-depth=2", FINE),
    ("video-depth=3", FINE),
    ("cost-zero", FINE),
    ("missing-status", FINE),
    ("missing-video", failed(billed=1)),
    ("pending-word", FINE),
    ("status-word=Dreaming", FINE),
    ("media-string", FINE),
    ("url-top", FINE),
    ("expires-past", FINE),
    ("poll-lag=2", FINE),
    ("poll-lag=4", FINE),
    ("poll-cut", FINE),
    ("poll-cut*3", FINE),
    ("poll-empty", FINE),
    ("poll-html", FINE),
    ("poll-error=401", FINE),
    ("poll-error=404", FINE),
    ("poll-error=429", FINE),
    ("poll-error=500*3", FINE),
    ("poll-error=502", FINE),
    ("poll-error=503", FINE),
    ("poll-latency=2", FINE),
    *((f"query-code={code}", FINE) for code in (1000, 1002, 1004, 1024, 1033, 2013, 2049)),
    *((f"retrieve-code={code}", FINE) for code in (1000, 1002, 1004, 1024, 1033, 2013)),
    ("retrieve-error=500", FINE),
    ("retrieve-error=502*2", FINE),
    ("unfinished", endless(billed=1)),
    ("unfinished=Dreaming", endless(billed=1)),
    ("cut-after-accept, log-no-payload", endless(billed=1)),
)

WEBHOOK = at(
    "webhook",
    ("webhook-early", FINE),
    ("webhook-forged", FINE),
    ("webhook-late=2", FINE),
    ("webhook-never", FINE),
    ("webhook-reordered", FINE),
    ("webhook-twice=25", FINE),
)

RESULT = at(
    "result",
    ("result-duration=3", UNUSABLE),
    ("result-expired", GONE),
    ("result-expires=20", FINE),
    ("result-length=long", GONE),
    ("result-length=missing", FINE),
    ("result-not-video=html", UNUSABLE),
    ("result-not-video=jpeg", UNUSABLE),
    ("result-private", UNUSABLE),
    ("result-private=127.0.0.1:1", UNUSABLE),
    ("result-redirect=2", FINE),
    ("result-redirect=4", GONE),
    ("result-redirect=http://169.254.169.254/latest", UNUSABLE),
    ("result-slow=400000", FINE),
    ("result-status=404", GONE),
    ("result-status=404*2", FINE),
    ("result-status=503*1", FINE),
    ("result-truncated=50", UNUSABLE),
)

#: getResponse shows nothing of a job, getTaskDetails does (providers.md 12, trap 3): past the soft
#: deadline it is to be asked, as an unclear submission is.
ARCHIVED = Outcome(rests=("running",), ages=(SOFT, HARD))
SILENT = [
    Fault("look", "data-empty", ARCHIVED, {}),
    Fault("look", "cut-after-accept, data-empty", ARCHIVED, {}),
]

#: Much like others: only where time is no matter.
RARE = {
    "cut-after-accept, poll-empty",
    "cut-after-accept, poll-error=401",
    "cut-after-accept, poll-error=429",
    "cut-after-accept, poll-error=502",
    "cut-after-accept, poll-latency=2",
    "error-after=408",
    "error-after=502",
    "error-after=504",
    "error-after=524",
    "error-before=408",
    "error-before=502",
    "error-before=504",
    "error-before=524",
    "html-body=502",
    "poll-cut*3",
    "poll-error=404",
    "poll-error=502",
    "poll-lag=2",
    "result-private=127.0.0.1:1",
    "slow=0",
    "slow=3",
    "submit-latency=2",
}

FAULTS = [*BEFORE, *CODES, *AFTER, *RENDER, *LOOK, *SILENT, *WEBHOOK, *RESULT]

ROWS = [row for fault in FAULTS for row in fault.rows()]
