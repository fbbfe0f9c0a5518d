# Runs a command whose pipes have two buffers, which is what a user gets whose allowance for pipes is used up.
# usage: perl small-pipes.pl COMMAND...
use constant { F_SETPIPE_SZ => 1031, F_GETPIPE_SZ => 1032 };

for (;;) {
  pipe(my $reader, my $writer);
  push @held, $reader, $writer;
  last if fcntl($reader, F_GETPIPE_SZ, 0) <= 8192;
  fcntl($reader, F_SETPIPE_SZ, 1 << 20);
}
exit(system(@ARGV) >> 8);
