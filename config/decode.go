package config

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"netsync/schema/shared"
)

// decode checks the texts of a setting, and sets the value of its field. Relative paths
// are below base.
func decode(f field, v reflect.Value, texts []string, base string) *fault {
	for _, text := range texts {
		if flt := plainText(text); flt != nil && f.check != "rsakey" && f.check != "dkimkey" {
			return flt
		}
	}
	if f.Type == "list" {
		return decodeList(f, v, texts, base)
	}
	text := strings.Join(texts, "")
	if text == "" && f.Type != "text" && f.Type != "address" && f.Type != "secret" {
		return &fault{"is empty", "give it a value, or leave the key out for " + strconv.Quote(f.Default)}
	}
	switch f.Type {
	case "boolean":
		return decodeBool(v, text)
	case "number":
		return decodeNumber(f, v, text)
	case "duration":
		d, err := ParseDuration(text)
		v.SetInt(int64(d))
		return faultOf(err, "write it as 24h, 90m or 7d")
	case "schedule":
		s, err := ParseSchedule(text)
		v.Set(reflect.ValueOf(s))
		return faultOf(err, "write five fields such as \"0 8 * * MON\", or @hourly, or @every 1m")
	case "choice":
		return decodeChoice(f, v, text)
	}
	if f.Secret && text == redacted {
		return &fault{"is the placeholder that stands for a hidden secret", "give the secret itself, best by " + f.Env + fileSuffix}
	}
	checked, flt := check(f.check, text, base)
	v.SetString(checked)
	return flt
}

func plainText(text string) *fault {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return &fault{"has a control character or a line break in it", "write it on one line, as plain text"}
	}
	return nil
}

func faultOf(err error, remedy string) *fault {
	if err == nil {
		return nil
	}
	return &fault{err.Error(), remedy}
}

func decodeList(f field, v reflect.Value, texts []string, base string) *fault {
	var list []string
	for _, text := range texts {
		checked, flt := check(f.check, text, base)
		if flt != nil {
			return flt
		}
		list = append(list, checked)
	}
	v.Set(reflect.ValueOf(list))
	return nil
}

func decodeBool(v reflect.Value, text string) *fault {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1":
		v.SetBool(true)
	case "false", "no", "off", "0":
		v.SetBool(false)
	default:
		return &fault{fmt.Sprintf("is %q", text), "write true or false"}
	}
	return nil
}

func decodeNumber(f field, v reflect.Value, text string) *fault {
	remedy := fmt.Sprintf("write a whole number from %d to %d", f.min, f.max)
	n, err := strconv.Atoi(text)
	if err != nil {
		return &fault{fmt.Sprintf("is %q", text), remedy}
	}
	if n < f.min || n > f.max {
		return &fault{fmt.Sprintf("is %d", n), remedy}
	}
	v.SetInt(int64(n))
	return nil
}

func decodeChoice(f field, v reflect.Value, text string) *fault {
	text = cmp.Or(f.synonyms[text], text)
	for _, choice := range f.Values {
		if text == choice {
			v.SetString(text)
			return nil
		}
	}
	otherwise := "write " + strings.Join(f.Values, ", ")
	return &fault{fmt.Sprintf("is %q", text), didYouMean(shared.Nearest(text, f.Values, 2), otherwise)}
}
