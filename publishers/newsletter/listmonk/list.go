package listmonk

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// HasList reports whether there is a list with that id which the user may see.
// Creating a campaign ignores missing lists silently.
func (c *Client) HasList(ctx context.Context, id int) (bool, error) {
	var list struct {
		ID int `json:"id"`
	}
	err := c.sendRequest(ctx, fmt.Sprintf("read list %d", id), http.MethodGet, "lists/"+strconv.Itoa(id), nil, nil, &list)
	if isAbsent(err) {
		return false, nil
	}
	return err == nil && list.ID == id, err
}
