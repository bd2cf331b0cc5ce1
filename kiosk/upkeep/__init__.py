"""What keeps a kiosk running with nobody looking: log, figures, watchdog, service."""
