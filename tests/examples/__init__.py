"""The promises about sizes and states, in the app."""
