// The module Host.
