using System.Net;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>Loopback, private, link-local, shared and documentation ranges: addresses that say nothing about where someone is. (Mapping 3.2.)</summary>
internal static class AddressRange
{
    private static readonly IPNetwork[] NonPublic =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("2001:db8::/32"),
    ];

    public static bool IsPublic(IPAddress address)
    {
        foreach (var network in NonPublic)
        {
            if (network.Contains(address)) return false;
        }

        return true;
    }
}
