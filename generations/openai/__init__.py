"""The same clips in the shape of OpenAI's Videos API, so that its clients work unchanged."""
