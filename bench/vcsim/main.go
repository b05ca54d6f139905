// vcsim with its defaults, over http, on the address that it is given or any: its own module is not on the proxy, its code is.
package main

import (
	"fmt"
	"net/url"
	"os"

	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

func main() {
	model := simulator.VPX()
	if err := model.Create(); err != nil {
		panic(err)
	}
	model.Service.RegisterEndpoints = true
	if len(os.Args) > 1 {
		model.Service.Listen = &url.URL{Host: os.Args[1]}
	}
	server := model.Service.NewServer()
	fmt.Println(server.URL)
	select {}
}
