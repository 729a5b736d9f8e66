# Verifies the DKIM signature of the message on standard input with Mail::DKIM,
# against the TXT record that is given instead of one in the DNS, and prints
# what came of it and which header fields are covered.
use strict;
use warnings;
use Mail::DKIM::Verifier;

my ($name, $record) = @ARGV;

package Record { sub type { 'TXT' } sub txtdata { $record } }

no warnings 'redefine';
*Mail::DKIM::DNS::query = sub { $_[0] eq $name ? bless({}, 'Record') : () };

my $verifier = Mail::DKIM::Verifier->new;
binmode STDIN;
$verifier->PRINT($_) while <STDIN>;
$verifier->CLOSE;
my $signature = $verifier->signature or die "there is no signature\n";
print $verifier->result_detail, ' ', lc join(':', $signature->headerlist), "\n";
