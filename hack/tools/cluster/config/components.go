package config

import "ucorefs.io/maintenance/hack/tools/cluster/layout"

// Component is one process of the control plane or the node. Its program is looked up in layout.InsideTools and
// its output goes to its log.
type Component struct {
	Name string
	Args []string
}

const dir = layout.Dir(layout.Inside)

// Etcd holds everything; it lives as long as the cluster, so it need not survive a power cut.
func Etcd() Component {
	client, peer := "http://127.0.0.1:"+layout.EtcdPort, "http://127.0.0.1:2380"
	return Component{"etcd", []string{
		"--name=" + layout.Node, "--data-dir=" + dir.Data("etcd"), "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=" + layout.Node + "=" + peer,
	}}
}

// APIServer is reached at 127.0.0.1 by the components, at NodeIP and ServiceIP by pods.
func APIServer() Component {
	return Component{"kube-apiserver", []string{
		"--etcd-servers=http://127.0.0.1:" + layout.EtcdPort,
		"--bind-address=0.0.0.0", "--secure-port=" + layout.APIPort, "--advertise-address=" + layout.NodeIP,
		"--service-cluster-ip-range=" + layout.ServiceCIDR,
		"--client-ca-file=" + dir.PKI("ca.crt"),
		"--tls-cert-file=" + dir.PKI("apiserver.crt"), "--tls-private-key-file=" + dir.PKI("apiserver.key"),
		"--kubelet-certificate-authority=" + dir.PKI("ca.crt"),
		"--kubelet-client-certificate=" + dir.PKI("apiserver-kubelet-client.crt"),
		"--kubelet-client-key=" + dir.PKI("apiserver-kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc." + layout.Domain,
		"--service-account-key-file=" + dir.PKI("service-account.key"),
		"--service-account-signing-key-file=" + dir.PKI("service-account.key"),
		"--authorization-mode=Node,RBAC", "--anonymous-auth=false", "--allow-privileged=true", "--profiling=false",
		"--enable-admission-plugins=NodeRestriction,PodSecurity",
	}}
}

// ControllerManager runs every controller but the one that gives nodes their address ranges: there is one node.
func ControllerManager() Component {
	conf := dir.Config("controller-manager.conf")
	return Component{"kube-controller-manager", []string{
		"--kubeconfig=" + conf, "--authentication-kubeconfig=" + conf, "--authorization-kubeconfig=" + conf,
		"--bind-address=127.0.0.1", "--controllers=*,-node-ipam-controller", "--leader-elect=false",
		"--use-service-account-credentials", "--service-account-private-key-file=" + dir.PKI("service-account.key"),
		"--root-ca-file=" + dir.PKI("ca.crt"), "--flex-volume-plugin-dir=/var/lib/kubelet/volume-plugins",
		"--cluster-signing-cert-file=" + dir.PKI("ca.crt"), "--cluster-signing-key-file=" + dir.PKI("ca.key"),
	}}
}

// Scheduler places pods on the one node.
func Scheduler() Component {
	conf := dir.Config("scheduler.conf")
	return Component{"kube-scheduler", []string{
		"--kubeconfig=" + conf, "--authentication-kubeconfig=" + conf, "--authorization-kubeconfig=" + conf,
		"--bind-address=127.0.0.1", "--leader-elect=false",
	}}
}

// Proxy turns service addresses into pod addresses.
func Proxy() Component {
	return Component{"kube-proxy", []string{"--config=" + dir.Config("kube-proxy.yaml")}}
}

// Containerd runs the containers.
func Containerd() Component {
	return Component{"containerd", []string{"--config=" + dir.Config("containerd.toml")}}
}

// Kubelet runs the pods. Its root stays at the standard path, where images and charts expect it.
func Kubelet() Component {
	return Component{"kubelet", []string{
		"--config=" + dir.Config("kubelet.yaml"), "--kubeconfig=" + dir.Config("kubelet.conf"),
		"--hostname-override=" + layout.Node, "--node-ip=" + layout.NodeIP, "--root-dir=/var/lib/kubelet",
	}}
}
