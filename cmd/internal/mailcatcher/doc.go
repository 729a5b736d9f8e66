// Package mailcatcher takes in mail and shows it instead of delivering it: an
// SMTP server on a loopback address (RFC 5321), a folder with the last 200
// messages, and pages to read them in a browser. It serves demonstrations and
// tests; nothing ever leaves it.
//
// Whatever a message holds is taken as hostile. The pages have no scripts and
// load nothing from elsewhere; the HTML of a message is shown in a frame
// without any rights (sandbox="", and a policy that allows no request).
package mailcatcher
