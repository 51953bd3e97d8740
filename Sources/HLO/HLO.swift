// The module HLO.
