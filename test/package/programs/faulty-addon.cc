// An addon with all that the test of the addon must find: a C++ library, its symbols, a symbol that nobody has, and one
// that it lends.
#include <iostream>

extern "C" void nobody();

extern "C" void lent() {
  std::cout << 1;
  nobody();
}
