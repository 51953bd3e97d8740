// The module Transforms.
