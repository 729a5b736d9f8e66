// Package webtest checks the folder of a built website: valid HTML and CSS,
// accessibility, working links, and escaping of what records contain. It finds
// the pages by walking the folder, independently of how they were rendered.
//
// Checks return findings, and Report fails the test for them. Checks that need
// a browser, Java or npm packages are skipped if these are missing, unless
// NETSYNC_TEST_REQUIRE names them: html, axe, browser, lighthouse, linkinator.
package webtest
