// Package webtest judges the folder of a built website: whether its HTML and
// CSS are valid, whether everybody can read it, whether its links lead
// somewhere, and whether what a record says can break out of its place. It
// finds the pages by walking the folder and knows nothing of how they were
// made.
//
// Checks return findings, and Report fails the test for them. Those that need
// a browser, Java or npm packages are skipped where these are missing, unless
// NETSYNC_TEST_REQUIRE asks for them: html, axe, browser, lighthouse,
// linkinator.
package webtest
