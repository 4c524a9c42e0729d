"""The embedded broker and the demo."""
