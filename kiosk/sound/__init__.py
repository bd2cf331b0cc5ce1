"""Sound devices that come and go, each in a process of its own."""
