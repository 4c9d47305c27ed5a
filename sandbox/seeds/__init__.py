"""What the sandbox begins with, and how time moves on in it. Nobody in it is a real person."""
