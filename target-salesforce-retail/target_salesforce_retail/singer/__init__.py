"""The Singer side: settings, messages and records as they come, and the steering of the SDK that our promises need."""
