"""R-Series, API V3: tokens that rotate, keyset cursors, a leaky bucket, text for every scalar."""
