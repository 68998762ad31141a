namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>An office: its time zone in the week, its public addresses, and the networks of those who live near it (the first two numbers of each).</summary>
internal sealed record Office(string City, int UtcOffset, string[] Egress, string[] HomeNetworks, string[] MobileNetworks, string HomeIPv6)
{
    public static readonly Office Dublin = new(
        "Dublin", 1, ["87.198.41.10", "87.198.41.11", "87.198.41.12"], ["86.40", "86.43", "86.46", "78.16", "78.18", "109.78"], ["37.228", "92.251"],
        "2a02:8084");

    public static readonly Office Toronto = new(
        "Toronto", -4, ["199.212.36.20", "199.212.36.21"], ["70.48", "70.52", "99.226", "99.240", "184.146"], ["72.136", "74.198"],
        "2607:fea8");

    public static readonly Office Manila = new(
        "Manila", 8, ["122.54.180.30", "122.54.180.31", "122.54.180.32"], ["49.145", "49.147", "112.200", "112.204", "180.191"], ["110.54", "175.158"],
        "2405:8d40");

    public static readonly Office[] All = [Dublin, Toronto, Manila];
}
