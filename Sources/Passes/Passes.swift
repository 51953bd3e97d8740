// The module Passes.
