"""How quick the kiosk is, what it costs, and how others compare: `make bench` writes docs/performance.md."""
