// Reads handwritten digits, a line each: the digit, then 64 grey values from 0 to 16.
import Glibc
import digits
import filter

func check(_ status: Int32) {
  guard status == 0 else { fatalError(String(cString: jx_status_message(status))) }
}

let info = digits_classify_info().pointee
let argument = info.arguments[0]
print(
  "\(String(cString: info.name)) takes \(String(cString: argument.type))",
  "\(String(cString: argument.name)) of \(argument.shape[0]) numbers")

while let line = readLine() {
  let numbers = line.split(separator: " ").compactMap { Float($0) }
  let image = numbers.dropFirst().map { $0 / 16 }
  var digit: Int32 = 0
  var likely = [Float](repeating: 0, count: 10)
  check(digits_classify(image, &digit, &likely, nil))
  let percent = Int((100 * likely[Int(digit)]).rounded(.toNearestOrEven))
  print("a \(Int(numbers[0])), read as \(digit) (\(percent)%)")
}

let (height, width) = (120, 160)
let image: [UInt8] = (0..<height * width).map { position in
  let (dy, dx) = (position / width - height / 2, position % width - width / 2)
  return dy * dy + dx * dx < 40 * 40 ? 200 : 20
}
var edges = [UInt8](repeating: 0, count: height * width)
check(filter_edges(image, &edges, nil))
print("sum of the edges:", edges.reduce(0) { $0 + Int($1) })
