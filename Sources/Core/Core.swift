// The module Core.
