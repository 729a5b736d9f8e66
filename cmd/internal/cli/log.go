package cli

import (
	"os"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"

	"netsync/config"
)

// NewCommandLog returns the log of a command that ends: warnings and errors only,
// unless the configuration asks for more.
func NewCommandLog(cfg *config.Config) *zap.Logger {
	c := cfg.Log
	if cfg.Origin("log.level").Source == config.FromDefault {
		c.Level = config.LevelWarn
	}
	return NewLogger(c)
}

// NewLogger returns a log on stderr: in the format of the configuration or, by
// default, for people on a terminal and as JSON elsewhere.
func NewLogger(c config.Log) *zap.Logger {
	level, err := zapcore.ParseLevel(string(c.Level))
	if err != nil {
		level = zapcore.InfoLevel
	}
	terminal := term.IsTerminal(int(os.Stderr.Fd()))
	var encoder zapcore.Encoder
	if c.Format == config.FormatConsole || (c.Format == config.FormatAuto && terminal) {
		encoder = zapcore.NewConsoleEncoder(consoleEncoding(terminal && os.Getenv("NO_COLOR") == ""))
	} else {
		ec := zap.NewProductionEncoderConfig()
		ec.EncodeTime = zapcore.RFC3339TimeEncoder
		encoder = zapcore.NewJSONEncoder(ec)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(os.Stderr), level))
}

func consoleEncoding(colour bool) zapcore.EncoderConfig {
	ec := zap.NewDevelopmentEncoderConfig()
	ec.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05")
	ec.CallerKey, ec.StacktraceKey = "", ""
	ec.EncodeLevel = zapcore.LowercaseLevelEncoder
	if colour {
		ec.EncodeLevel = zapcore.LowercaseColorLevelEncoder
	}
	return ec
}
