package broker

import "fmt"

// AdmitGuests lets guests read the stream of a dataset and its images, and
// nothing else; until it is called they read nothing. Connections stay open.
// It does nothing if the broker has no guests.
func (b *Broker) AdmitGuests(dataset string) error {
	if b.gate == nil {
		return nil
	}
	b.admitting.Lock()
	defer b.admitting.Unlock()
	if b.gate.dataset.Load() == dataset {
		return nil
	}
	opts, err := serverOptions(b.config, b.info.Password, dataset)
	if err != nil {
		return err
	}
	if err := b.server.ReloadOptions(opts); err != nil {
		return fmt.Errorf("let guests read dataset %s: %w", dataset, err)
	}
	b.gate.dataset.Store(dataset)
	return b.gate.consumers.adoptAll(guestStreams(dataset))
}
