# work.pl FILE ROUNDS: regular expressions, hashes and sorting over the lines of a file.
use strict;
my ($file, $rounds) = @ARGV;
open my $in, '<', $file or die;
my @lines = <$in>;
my %seen;
for my $round (1 .. $rounds) {
  for (@lines) {
    while (/\b([a-m]\w{2,})\s+(\w+)/g) { $seen{"$1/" . length $2} += $round }
    (my $other = lc) =~ tr/aeiou/AEIOU/;
    $seen{substr $other, 0, 3}++ if $other =~ /[AE]{2}/;
  }
}
my @keys = sort { $seen{$b} <=> $seen{$a} || $a cmp $b } keys %seen;
print scalar(@keys), " $_ $seen{$_}\n" for @keys[0 .. 2];
