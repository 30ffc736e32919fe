"""How Reelay is watched: probes, metrics, and what is sent to Sentry and OpenTelemetry."""
