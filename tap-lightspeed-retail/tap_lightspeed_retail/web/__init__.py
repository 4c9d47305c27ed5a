"""One request of any series: tokens, throttle, retries. Knows no vendor's headers and no vendor's rows."""
