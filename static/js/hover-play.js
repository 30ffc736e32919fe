// <div class="frame" data-hover-play="/files/…"><img …></div> inside a link: pointing at it or
// reaching it with the keyboard plays the clip without sound. Not for people who want no motion.

const calm = matchMedia("(prefers-reduced-motion: reduce)");

function frameOf(event) {
  return event.target.closest?.("a")?.querySelector("[data-hover-play]");
}

function play(frame) {
  if (calm.matches || frame.querySelector("video")) return;
  const video = document.createElement("video");
  Object.assign(video, { src: frame.dataset.hoverPlay, muted: true, loop: true, playsInline: true });
  video.setAttribute("aria-hidden", "true");
  video.addEventListener("playing", () => (video.dataset.playing = ""), { once: true });
  video.hidden = false;
  frame.append(video);
  video.play().catch(() => video.remove());
}

function stop(frame) {
  frame.querySelector("video")?.remove();
}

for (const [start, end] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  document.addEventListener(start, (event) => {
    const frame = frameOf(event);
    if (frame) play(frame);
  });
  document.addEventListener(end, (event) => {
    const frame = frameOf(event);
    const link = frame?.closest("a");
    if (frame && !link.contains(event.relatedTarget)) stop(frame);
  });
}
