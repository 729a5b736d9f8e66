package config

// didYouMean is the remedy for a word that is not known.
func didYouMean(suggestion, otherwise string) string {
	if suggestion == "" {
		return otherwise
	}
	return "did you mean " + suggestion + "?"
}
