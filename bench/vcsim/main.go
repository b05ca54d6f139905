// vcsim with its defaults, over http: its own module is not on the proxy, its code is.
package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

func main() {
	model := simulator.VPX()
	if err := model.Create(); err != nil {
		panic(err)
	}
	model.Service.RegisterEndpoints = true
	server := model.Service.NewServer()
	fmt.Println(server.URL)
	select {}
}
