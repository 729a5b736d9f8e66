// Package failpoint names the places where a test may make the program fail.
// Only a program built with the tag failpoints has them; elsewhere Hit is
// nothing.
//
// The variable NETSYNC_TEST_FAILPOINT of such a program says what happens and
// where: <point>=<action>@<n>, such as "journal: before commit=kill@2". The
// action comes at the n-th time that the place is reached, once. The actions:
//
//	kill   the process ends as by SIGKILL
//	error  the place fails
//	full   the place fails with ENOSPC, as on a full disk
//
// The file that NETSYNC_TEST_FAILPOINT_HIT names is made when it happens.
package failpoint
