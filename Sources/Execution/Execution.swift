// The module Execution.
