using System.Buffers.Text;

namespace ActivityConnector.Transforms;

/// <summary>
/// Reads an address, or a proxy's list of them. IPAddress.TryParse alone would take <c>1.2.3</c>, and <c>010.1.1.1</c> as 8.1.1.1.
/// (Mapping 3.2.)
/// </summary>
internal static class SourceAddress
{
    /// <summary>Appends every valid address to <paramref name="all"/>; the first one is the source.</summary>
    /// <param name="record">Holds the text.</param>
    /// <param name="raw">The address as the vendor gave it.</param>
    /// <param name="all">Takes the addresses in canonical form, each once.</param>
    /// <param name="port">The first valid address' port, or -1.</param>
    public static QualityTags Read(RecordTree record, Text raw, DistinctTexts all, out int port)
    {
        port = -1;
        var rest = Trimmed.Of(record, raw);
        if (rest.IsEmpty)
        {
            return QualityTags.None;
        }

        var tags = QualityTags.SourceIpInvalid;
        Span<byte> address = stackalloc byte[16];
        if (IPv4.TryRead(record[rest], address) && address[..4].IndexOfAnyExcept((byte)0) >= 0)
        {
            // Most are one plain address, and that is in canonical form.
            all.Add(rest);
            return AddressRange.IsPublic(address[..4]) ? QualityTags.None : QualityTags.SourceIpNonPublic;
        }

        while (true)
        {
            var comma = record[rest].IndexOf((byte)',');
            var candidate = Trimmed.Of(record, comma < 0 ? rest : new(rest.Start, comma));
            if (TryReadOne(record[candidate], address, out var length, out var host, out var itsPort))
            {
                var found = address[..length];
                if (found.IndexOfAnyExcept((byte)0) < 0)
                {
                    tags &= ~QualityTags.SourceIpInvalid;
                }
                else
                {
                    if (all.Count == 0)
                    {
                        port = itsPort;
                        tags = AddressRange.IsPublic(found) ? QualityTags.None : QualityTags.SourceIpNonPublic;
                    }

                    all.Add(Canonical(record, found, new(candidate.Start + host.Start, host.Length)));
                }
            }

            if (comma < 0)
            {
                return tags;
            }

            rest = new(rest.Start + comma + 1, rest.Length - comma - 1);
        }
    }

    private static Text Canonical(RecordTree record, ReadOnlySpan<byte> address, Text asGiven)
    {
        if (address.Length == 4 && !record[asGiven].Contains((byte)':'))
        {
            // Only the canonical form of four octets is an address.
            return asGiven;
        }

        Span<byte> text = stackalloc byte[IPv6.MaxBytes];
        var length = address.Length == 4 ? IPv4.Write(address, text) : IPv6.Write(address, text);
        return record[asGiven].SequenceEqual(text[..length]) ? asGiven : record.Append(text[..length]);
    }

    /// <summary>Reads one address with its brackets, zone and port; an IPv4 address in IPv6 clothes becomes IPv4.</summary>
    private static bool TryReadOne(ReadOnlySpan<byte> text, Span<byte> address, out int length, out Text host, out int port)
    {
        length = 0;
        host = new(0, text.Length);
        port = -1;
        var isV6 = false;
        if (text.Length > 0 && text[0] == '[')
        {
            var close = text.IndexOf((byte)']');
            if (close < 0 || (close + 1 < text.Length && !TryReadPort(text[(close + 1)..], out port)))
            {
                return false;
            }

            host = new(1, close - 1);
            isV6 = true;
        }
        else
        {
            var colon = text.IndexOf((byte)':');
            isV6 = colon >= 0 && text[(colon + 1)..].IndexOf((byte)':') >= 0;
            if (!isV6 && colon >= 0)
            {
                if (!TryReadPort(text[colon..], out port))
                {
                    return false;
                }

                host = new(0, colon);
            }
        }

        if (!isV6)
        {
            length = 4;
            return IPv4.TryRead(text.Slice(host.Start, host.Length), address);
        }

        var zone = text.Slice(host.Start, host.Length).IndexOf((byte)'%');
        if (zone == host.Length - 1)
        {
            return false;
        }

        host = zone < 0 ? host : new(host.Start, zone);
        if (!IPv6.TryRead(text.Slice(host.Start, host.Length), address))
        {
            return false;
        }

        length = 16;
        if (address[..10].IndexOfAnyExcept((byte)0) < 0 && address[10] == 0xFF && address[11] == 0xFF)
        {
            address[12..].CopyTo(address);
            length = 4;
        }

        return true;
    }

    private static bool TryReadPort(ReadOnlySpan<byte> text, out int port)
    {
        port = -1;
        if (text.Length is < 2 or > 6 || text[0] != ':' || text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return false;
        }

        return Utf8Parser.TryParse(text[1..], out port, out _) && port <= ushort.MaxValue;
    }
}
