"""Forward and backward halves over arrays: what a reader of back-propagation reads."""
