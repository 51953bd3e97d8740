// The module Primitives.
