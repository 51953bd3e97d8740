extension Elementary {
  public static func tanh<T: Arithmetic>(_ x: T) -> T {
    // With t = e^2|x| − 1: tanh |x| = t / (t + 2).
    let t = expm1(x.magnitude.atMost(x.either(10, 20)) * 2)
    return (t / (t + 2)).withSign(of: x)
  }
}
