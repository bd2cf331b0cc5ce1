"""Speaking: text into sound, and sound to a loudspeaker."""
