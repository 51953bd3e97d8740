// The module Codegen.
