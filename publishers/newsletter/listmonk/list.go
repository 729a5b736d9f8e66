package listmonk

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// HasList reports whether there is a list of that id which the user may see. A
// campaign is created without those that there are not, and nobody is told.
func (c *Client) HasList(ctx context.Context, id int) (bool, error) {
	var list struct {
		ID int `json:"id"`
	}
	err := c.do(ctx, fmt.Sprintf("read list %d", id), http.MethodGet, "lists/"+strconv.Itoa(id), nil, nil, &list)
	if isAbsent(err) {
		return false, nil
	}
	return err == nil && list.ID == id, err
}
