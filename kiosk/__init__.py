"""An offline voice kiosk that answers a physiotherapy clinic's patients about dry needling."""

__version__ = "0.1.0"
