using System.Globalization;
using System.Text;

namespace ActivityConnector.Transforms.Records;

/// <summary>Marks that belong to the letter before them, as vowels do in Hindi and Thai: Unicode's categories Mn and Mc.</summary>
internal static class CombiningMark
{
    public static bool Is(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
