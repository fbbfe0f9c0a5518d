// SPDX-License-Identifier: Apache-2.0
// A library that passes a USDT probe, sluice:loaded, when it is loaded. Its one argument is 42.

__attribute__((constructor)) static void loaded(void) {
  // The note that <sys/sdt.h> would write (SystemTap, "user-space probe implementation"): where the probe
  // is, where the section .stapsdt.base was when the file was linked, no semaphore, and the three names.
  __asm__ volatile(
      "990: nop\n"
      ".pushsection .note.stapsdt, \"\", \"note\"\n"
      ".balign 4\n"
      ".4byte 992f - 991f, 994f - 993f, 3\n"
      "991: .asciz \"stapsdt\"\n"
      "992: .balign 4\n"
      "993: .8byte 990b, .Lstapsdt_base, 0\n"
      ".asciz \"sluice\", \"loaded\", \"4@$42\"\n"
      "994: .balign 4\n"
      ".popsection\n"
      ".pushsection .stapsdt.base, \"a\", \"progbits\"\n"
      ".Lstapsdt_base: .space 1\n"
      ".popsection\n");
}
