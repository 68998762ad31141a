using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>Reads an address, or a proxy's list of them. (Mapping 3.2.)</summary>
internal static class SourceAddress
{
    /// <summary>Appends every valid address to <paramref name="all"/>; the first one is the source.</summary>
    /// <param name="record">Holds the text.</param>
    /// <param name="text">The address as the vendor gave it, trimmed and not empty.</param>
    /// <param name="all">Takes the addresses in canonical form, each once.</param>
    /// <param name="port">The first valid address' port, or -1.</param>
    public static QualityTags Read(RecordTree record, Text text, DistinctTexts all, out int port)
    {
        port = -1;
        var rest = text;
        var tags = QualityTags.SourceIpInvalid;
        while (true)
        {
            var comma = record[rest].IndexOf((byte)',');
            var candidate = Trimmed.Of(record, comma < 0 ? rest : new(rest.Start, comma));
            if (TryReadOne(record[candidate], out var address, out var host, out var itsPort))
            {
                if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
                {
                    // No address, but a valid one.
                    tags &= ~QualityTags.SourceIpInvalid;
                }
                else
                {
                    if (all.Count == 0)
                    {
                        port = itsPort;
                        tags = AddressRange.IsPublic(address) ? QualityTags.None : QualityTags.SourceIpNonPublic;
                    }

                    all.Add(Canonical(record, address, new(candidate.Start + host.Start, host.Length)));
                }
            }

            if (comma < 0) return tags;

            rest = new(rest.Start + comma + 1, rest.Length - comma - 1);
        }
    }

    private static Text Canonical(RecordTree record, IPAddress address, Text asGiven)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork && !record[asGiven].Contains((byte)':'))
        {
            // Read in no other form.
            return asGiven;
        }

        Span<byte> text = stackalloc byte[IPv6Form.MaxBytes];
        int length;
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            length = IPv6Form.Write(address, text);
        }
        else
        {
            address.TryFormat(text, out length);
        }

        return record[asGiven].SequenceEqual(text[..length]) ? asGiven : record.Append(text[..length]);
    }

    /// <summary>Reads one address with its brackets, zone and port.</summary>
    private static bool TryReadOne(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPAddress? address, out Text host, out int port)
    {
        address = null;
        host = new(0, text.Length);
        port = -1;
        var isV6 = false;
        if (text.Length > 0 && text[0] == '[')
        {
            var close = text.IndexOf((byte)']');
            if (close < 0 || (close + 1 < text.Length && !TryReadPort(text[(close + 1)..], out port))) return false;

            host = new(1, close - 1);
            isV6 = text[1..close].Contains((byte)':');
        }
        else
        {
            var colon = text.IndexOf((byte)':');
            isV6 = colon >= 0 && text[(colon + 1)..].IndexOf((byte)':') >= 0;
            if (!isV6 && colon >= 0)
            {
                if (!TryReadPort(text[colon..], out port)) return false;

                host = new(0, colon);
            }
        }

        if (!isV6) return StrictAddress.TryReadV4(text.Slice(host.Start, host.Length), out address);

        var zone = text.Slice(host.Start, host.Length).IndexOf((byte)'%');
        host = zone < 0 ? host : new(host.Start, zone);
        return StrictAddress.TryReadV6(text.Slice(host.Start, host.Length), out address);
    }

    private static bool TryReadPort(ReadOnlySpan<byte> text, out int port)
    {
        port = -1;
        if (text.Length is < 2 or > 6 || text[0] != ':' || text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0) return false;

        return Utf8Parser.TryParse(text[1..], out port, out _) && port <= ushort.MaxValue;
    }
}
