// Reads handwritten digits, a line each: the digit, then 64 grey values from 0 to 16.
#include <array>
#include <cstdio>
#include <iostream>
#include <numeric>
#include <stdexcept>
#include <vector>
#include "digits.h"
#include "filter.h"

static void check(int32_t status) {
  if (status != JX_OK) throw std::runtime_error(jx_status_message(status));
}

static void classifyPictures() {
  int label;
  while (std::cin >> label) {
    std::array<float, 64> image;
    for (float &pixel : image) {
      std::cin >> pixel;
      pixel /= 16;
    }
    int32_t digit;
    std::array<float, 10> likely;
    check(digits_classify(image.data(), &digit, likely.data(), nullptr));
    std::printf("a %d, read as %d (%.0f%%)\n", label, digit, 100 * likely[digit]);
  }
}

static void findEdges() {
  const jx_array &argument = filter_edges_info()->arguments[0];
  const int64_t height = argument.shape[0], width = argument.shape[1];
  std::vector<uint8_t> image(argument.bytes), edges(argument.bytes);
  for (int64_t y = 0; y < height; y++)
    for (int64_t x = 0; x < width; x++) {
      const int64_t dy = y - height / 2, dx = x - width / 2;
      image[y * width + x] = dy * dy + dx * dx < 40 * 40 ? 200 : 20;
    }
  check(filter_edges(image.data(), edges.data(), nullptr));
  std::printf("sum of the edges: %ld\n", std::accumulate(edges.begin(), edges.end(), 0L));
}

int main() {
  const jx_function &info = *digits_classify_info();
  std::printf("%s takes %s %s of %lld numbers\n", info.name, info.arguments[0].type,
              info.arguments[0].name, static_cast<long long>(info.arguments[0].shape[0]));
  classifyPictures();
  findEdges();
}
