"""What is learned from the intent files, kept between starts, and learned anew when they change."""
