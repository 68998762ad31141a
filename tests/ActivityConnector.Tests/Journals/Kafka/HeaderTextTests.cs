using System.Globalization;
using System.Text;
using System.Text.Unicode;
using ActivityConnector.Journals.Kafka;
using Confluent.Kafka;
using FsCheck;
using FsCheck.Fluent;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>CloudEvents 1.0.2: the type String (3.1) and the percent-encoding of its HTTP binding (3.1.3.2).</summary>
public sealed class HeaderTextTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Choose(0, 0x10FFFF).Where(c => c is < 0xD800 or > 0xDFFF),
        Gen.Elements([.. "\0\r\n\t\u001b\u007f\u0085\u200b\u202e\u2028\u2029\u2066\ufeff\uffff%~ aä".Select(c => (int)c)])).ListOf()
        .Select(runes => string.Concat(runes.Select(char.ConvertFromUtf32)));

    [Theory]
    [InlineData("invoice created/100", "invoice created/100")]
    [InlineData("Zoë Ω 💥", "Zoë Ω 💥")]
    [InlineData("a\r\nb\0", "a%0D%0Ab%00")]
    [InlineData("evil\u202etxt", "evil%E2%80%AEtxt")]
    [InlineData("100%25", "100%2525")]
    [InlineData("\u0085\u2028\ufeff", "%C2%85%E2%80%A8%EF%BB%BF")]
    [InlineData("", "")]
    public void Only_what_steers_a_reader_is_percent_encoded(string text, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(HeaderText.Encode(text)));

    [Fact]
    public void Decoding_gives_the_text_back_and_nothing_that_steers_is_left()
    {
        Prop.ForAll(Texts.ToArbitrary(), text =>
        {
            var bytes = HeaderText.Encode(text, int.MaxValue);
            var encoded = Encoding.UTF8.GetString(bytes);

            Assert.True(Utf8.IsValid(bytes));
            Assert.Equal(text, Uri.UnescapeDataString(encoded));
            Assert.DoesNotContain(encoded.EnumerateRunes(), r => Rune.GetUnicodeCategory(r) is UnicodeCategory.Control or UnicodeCategory.Format);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void A_long_text_is_cut_between_two_characters_and_says_which_it_was()
    {
        Prop.ForAll(Texts.ToArbitrary(), Gen.Choose(20, 60).ToArbitrary(), (text, most) =>
        {
            var bytes = HeaderText.Encode(text, most);

            Assert.True(bytes.Length <= most && Utf8.IsValid(bytes));
            Assert.Equal(bytes, HeaderText.Encode(text, most));
            if (HeaderText.Encode(text, int.MaxValue).Length > most)
            {
                Assert.Matches("~[0-9a-f]{16}$", Encoding.UTF8.GetString(bytes));
                Assert.NotEqual(bytes, HeaderText.Encode(text + "x", most));
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void A_sentence_keeps_its_percent_signs_and_stays_one_line() =>
        Assert.Equal("the disk is 95% full%0A", Encoding.UTF8.GetString(HeaderText.EncodeLine("the disk is 95% full\n", 100)));

    [Fact]
    public void A_half_of_a_surrogate_pair_is_no_reason_to_fail() =>
        Assert.Equal("a\ufffdb", Encoding.UTF8.GetString(HeaderText.Encode("a\ud800b")));

    [Fact]
    public void A_header_that_is_missing_or_has_no_value_is_no_text()
    {
        Assert.Null(HeaderText.Read([], "x"));
        Assert.Null(HeaderText.Read(new Headers { new Header("x", null) }, "x"));
    }
}
