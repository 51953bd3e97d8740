// The module Driver.
